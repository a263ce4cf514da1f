// Uploaded files: are they where apps are told that they are?

import type { Config } from '../../config/config.ts';
import { uploadsUrl } from '../../config/uploads-url.ts';
import type { Finding } from './finding.ts';

const askMs = 5000;
const mend = 'uploads.url: the address that the world reaches our web server by (docs/pictures.md)';

export const uploadFindings = async (config: Config, isRunning: boolean): Promise<readonly Finding[]> => {
  if (!config.uploads.enabled)
    return [{ state: 'note', text: 'uploads are turned off: pictures stay small, or stay away' }];
  const url = uploadsUrl(config);
  const findings: Finding[] = [];
  if (!url.startsWith('https:'))
    findings.push({ state: 'note', text: `uploaded files are offered at ${url}; most apps want https`, mend });
  if (!isRunning) return findings;
  try {
    // Nothing is there, and only our server says it in these words.
    const answer = await fetch(`${url}/upload/none/none`, { signal: AbortSignal.timeout(askMs), redirect: 'manual' });
    const text = await answer.text();
    if (answer.status === 404 && text.startsWith('There is no such file'))
      findings.push({ state: 'good', text: `uploaded files are found at ${url}` });
    else findings.push({ state: 'wrong', text: `at ${url}/upload/ somebody else answers (${answer.status})`, mend });
  } catch (cause) {
    const { cause: reason, message } = cause as Error;
    const why = reason instanceof Error ? reason.message : message;
    findings.push({ state: 'note', text: `from here ${url} cannot be asked for uploaded files: ${why}`, mend });
  }
  return findings;
};
