// Provisioning documents as XML, for phones and people that take them as a file. (ProvCont 1.1)

import { type Element, el, write } from '../xml/element.ts';
import type { Characteristic, ProvisioningDocument } from './document.ts';

const head =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<!DOCTYPE wap-provisioningdoc PUBLIC "-//WAPFORUM//DTD PROV 1.0//EN" "http://www.wapforum.org/DTD/prov.dtd">\n';

export const toXml = ({ version, characteristics }: ProvisioningDocument): string =>
  `${head}${write(el('wap-provisioningdoc', { version }, characteristics.map(elementOf)))}\n`;

const elementOf = ({ type, parms, inside = [] }: Characteristic): Element =>
  el(
    'characteristic',
    { type },
    parms.map(({ name, value }) => el('parm', { name, value })),
    inside.map(elementOf),
  );
