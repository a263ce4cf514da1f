// Certificates and TLS.

import { section } from '../section.ts';
import { path, yesOrNo } from '../values.ts';

export const tls = section(
  {
    certificate: path('the path of a PEM file')
      .optional()
      .describe(
        'The certificate with its chain. Without it, a self-signed one is made in `data/tls` and renewed before it expires.',
      ),
    key: path('the path of a PEM file').optional().describe('The private key of `tls.certificate`.'),
    required: yesOrNo()
      .default(true)
      .describe('XMPP clients must use TLS before they sign in. `false` lets passwords travel in the clear.'),
  },
  'Certificate and encryption. Paths are relative to the configuration file.',
);
