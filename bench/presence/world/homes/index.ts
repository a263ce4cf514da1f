import { prepareEjabberdHome } from './ejabberd.ts';
import type { HomeName, PrepareHome } from './home.ts';
import { prepareOnesoupHome } from './onesoup.ts';
import { prepareProsodyHome } from './prosody.ts';

export const homes: Readonly<Record<HomeName, PrepareHome>> = {
  onesoup: prepareOnesoupHome,
  prosody: prepareProsodyHome,
  ejabberd: prepareEjabberdHome,
};
