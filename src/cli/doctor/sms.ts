// Who carries short messages: are its secrets there, does it answer, and does it let us in?

import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { silentMeter } from '../../base/meter.ts';
import { systemRandom } from '../../base/random.ts';
import { type Config, ConfigError } from '../../config/config.ts';
import type { CarrierSettings, KannelSettings, SmppSettings } from '../../sms/settings.ts';
import { SmppCarrier } from '../../sms/smpp/carrier.ts';
import { carrierSettings } from '../carrier.ts';
import type { Finding } from './finding.ts';

const answerMs = 5000;

export const smsFindings = async (config: Config, isRunning: boolean): Promise<readonly Finding[]> => {
  let settings: CarrierSettings | undefined;
  try {
    settings = carrierSettings(config);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ state: 'wrong', text: error.message, mend: "write the secret into it, or see to the keys of 'sms'" }];
  }
  if (!settings) return [];
  return [settings.kind === 'smpp' ? await smscFinding(settings, isRunning) : await kannelFinding(settings)];
};

/** An SMSC may allow one connection only, which the running server has. */
const smscFinding = async (settings: SmppSettings, isRunning: boolean): Promise<Finding> => {
  const where = `the SMSC at ${settings.host}:${settings.port}`;
  if (isRunning) return { state: 'good', text: `${where} is the running server's: onesoup_sms_up in /metrics tells` };
  const around = { clock: systemClock, random: systemRandom, log: silentLog, meter: silentMeter };
  const carrier = new SmppCarrier(settings, around);
  const end = Date.now() + answerMs;
  while (!carrier.isUp && !carrier.hasFailed && Date.now() < end) await new Promise((next) => setTimeout(next, 20));
  const { trouble } = carrier;
  await carrier.close();
  if (trouble === undefined) return { state: 'good', text: `${where} lets us in` };
  return {
    state: 'wrong',
    text: `${where}: ${trouble}`,
    mend: 'see that it runs, and to host, port, tls, system_id and password_file in sms.smpp',
  };
};

const kannelFinding = async ({ url }: KannelSettings): Promise<Finding> => {
  try {
    // Without parameters it sends nothing; any answer shows that it is there.
    const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs), redirect: 'manual' });
    await answer.body?.cancel();
    return { state: 'good', text: `Kannel answers at ${url}` };
  } catch (cause) {
    const { message, cause: inner } = cause as Error;
    const why = inner instanceof Error ? inner.message : message;
    return {
      state: 'wrong',
      text: `Kannel at ${url} does not answer: ${why}`,
      mend: 'see that it runs, and to sms.kannel.url',
    };
  }
};
