// onesoup doctor: is everything there that the server needs? Each line says what is so; what is not right also says what to
// do. Looks only: nothing is made or changed.

import { type Config, ConfigError, loadConfig } from '../../config/config.ts';
import { ControlError, findRunning, type RunningServer } from '../control.ts';
import { backendFindings } from './backends.ts';
import { certificateFindings } from './certificate.ts';
import { clockFindings } from './clock.ts';
import { componentFindings } from './components.ts';
import { dataFindings } from './data.ts';
import { dnsFindings } from './dns.ts';
import { federationFindings } from './federation.ts';
import type { Finding } from './finding.ts';
import { portFindings } from './ports.ts';
import { smsFindings } from './sms.ts';
import { uploadFindings } from './uploads.ts';

/** True when nothing must be mended. `file` as given to `--config`. */
export const doctor = async (file: string | undefined, print: (line: string) => void): Promise<boolean> => {
  let isWell = true;
  const tell = (findings: readonly Finding[]): void => {
    for (const { state, text, mend } of findings) {
      print(`${marks[state]} ${text}${mend === undefined ? '' : `\n         ${mend}`}`);
      if (state === 'wrong') isWell = false;
    }
  };
  let config: Config;
  try {
    config = loadConfig(file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    tell([{ state: 'wrong', text: error.message, mend: 'docs/configuration.md has every key and what it allows' }]);
    return false;
  }
  tell([
    { state: 'good', text: `configuration: ${config.file ?? 'no file, all defaults'}; the domain is ${config.domain}` },
  ]);
  let running: RunningServer | undefined;
  try {
    running = await findRunning(config.data);
    tell([{ state: 'good', text: running ? `the server runs (process ${running.pid})` : 'the server does not run' }]);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    tell([
      { state: 'wrong', text: error.message, mend: "stop the server, start it again, and read its log's last lines" },
    ]);
  }
  tell(dataFindings(config));
  tell(certificateFindings(config, Date.now()));
  tell(clockFindings(Date.now()));
  const [ports, backends, dns, federation, sms, uploads] = await Promise.all([
    portFindings(config, running),
    backendFindings(config),
    dnsFindings(config),
    federationFindings(config, running !== undefined),
    smsFindings(config, running !== undefined),
    uploadFindings(config, running !== undefined),
  ]);
  tell(ports);
  tell(backends);
  tell(componentFindings(config));
  tell(dns);
  tell(federation);
  tell(sms);
  tell(uploads);
  print(isWell ? '\nNothing must be mended.' : '\nThe lines marked WRONG must be mended.');
  return isWell;
};

const marks = { good: 'ok      ', note: 'note    ', wrong: 'WRONG   ' } as const;
