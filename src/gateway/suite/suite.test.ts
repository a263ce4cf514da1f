import { inProcess } from './in-process.ts';
import { serviceSuite } from './suite.ts';

serviceSuite('our own server', inProcess);
