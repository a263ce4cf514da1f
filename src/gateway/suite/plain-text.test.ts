// Every conversation of the suite in the plain text syntax: what can be said in XML can be said there.

import { inProcess } from './in-process.ts';
import { plainTextPhones } from './personalities.ts';
import { serviceSuite } from './suite.ts';

serviceSuite('our own server', inProcess, plainTextPhones);
