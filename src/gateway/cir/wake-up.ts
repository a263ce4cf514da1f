// The wake-up on every bearer: one message that says "poll", with the cookie the phone chose at sign-in. (CSP all versions,
// "CIR channel")

import type { Session } from '../session/session.ts';

export const wakeUpText = ({ state }: Session): string => `WVCI ${state.version} ${state.cookie}`;
