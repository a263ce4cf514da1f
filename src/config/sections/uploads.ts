// Files (XEP-0363).

import { section } from '../section.ts';
import { domain, webAddress, whole, yesOrNo } from '../values.ts';

export const uploads = section(
  {
    enabled: yesOrNo().default(true).describe('May files be uploaded?'),
    domain: domain()
      .optional()
      .describe('The address of the service over XMPP. Without it: `upload.` before our domain.'),
    url: webAddress()
      .optional()
      .describe(
        'Where the world reaches our web server: what addresses of files begin with. Apps want https. Without it: `listen.https` at our domain if it is on, else `listen.http`.',
      ),
    file_bytes: whole(1000, 10_000_000_000).default(10_485_760).describe('The largest file.'),
    account_bytes: whole(1000, 1_000_000_000_000).default(104_857_600).describe('What one account may have uploaded.'),
    total_bytes: whole(1000, 100_000_000_000_000).default(5_368_709_120).describe('… and all accounts together.'),
    days: whole(1, 3650).default(30).describe('A file is removed after so long.'),
    bytes_per_second_min: whole(0, 1_000_000)
      .default(500)
      .describe(
        'An upload that is slower for half a minute is given up (408): its place is wanted. 0: only one of which nothing comes.',
      ),
  },
  'Files and pictures that apps and phones send (HTTP File Upload, XEP-0363), see docs/pictures.md. They are in `data/uploads`.',
);
