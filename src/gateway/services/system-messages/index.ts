// CSP 1.3 "System message": what the operator has to say (src/store/announcements.ts).
//
// What must be answered: until it is, a phone that has taken the question is served nothing but what keeps its session, and
// is told so with the question (403). It ends with the answer, which may also come with the next sign-in, with the
// announcement's time, or when the operator takes it back. A phone that never takes system messages is never held up.

import { heardKey } from '../../../store/announcements.ts';
import { statusOf } from '../../result.ts';
import type { Service } from '../../service.ts';
import { systemMessageUser, takeAnswers } from './answers.ts';
import { bring, isSaidTwice, systemMessageKind } from './deliver.ts';
import { owed, refresh } from './heard.ts';
import { systemMessage } from './shape.ts';

export const systemMessages: Service = {
  name: 'system-messages',
  specs: ['CSP 1.3: System message'],
  leaves: [],
  primitives: { 'SystemMessage-User': systemMessageUser },
  kinds: { 'system-message': systemMessageKind },
  onStanza: (stanza, session) => (isSaidTwice(stanza, session) ? [] : undefined),
  onStart: (session) => session.run(() => bring(session)),
  onResume: (session) => session.run(() => bring(session)),
  onNews(news, session) {
    if (news.what === 'announcements') return bring(session);
    if (news.what === 'set' && news.keys.has(heardKey)) session.run(async () => void (await refresh(session)));
    return undefined;
  },
  async onLogin({ SystemMessageResponseList: answers }, session) {
    const effects = answers ? (await takeAnswers(answers.SystemMessageResponse, session)).effects : [];
    await refresh(session);
    const answered = new Set(answers?.SystemMessageResponse.map(({ SystemMessageID }) => SystemMessageID));
    const left = owed(session).filter(({ id }) => !answered.has(id));
    return {
      effects,
      ...(left.length > 0 && { result: { SystemMessageList: { SystemMessage: left.map(systemMessage) } } }),
    };
  },
  refuses(request, session) {
    if (session.version !== '1.3' || request.name === 'SystemMessage-User') return undefined;
    const left = owed(session);
    if (left.length === 0) return undefined;
    const { Result, ...status } = statusOf(403, 'Please answer the message from your provider first.');
    return { ...status, Result: { ...Result, SystemMessageList: { SystemMessage: left.map(systemMessage) } } };
  },
};
