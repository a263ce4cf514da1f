// ContactListProperties: DisplayName and Default. (CSP all versions, "Contact list properties")

import type { StructureOf } from '../../../imps/primitives.ts';
import type { ContactList } from './lists.ts';

export interface WishedProperties {
  readonly displayName: string | undefined;
  readonly isDefault: boolean | undefined;
}

/**
 * Names are compared without regard to case; properties of other names are passed over. Undefined when a value is none of its
 * property (752).
 */
export const readProperties = (
  properties: StructureOf<'ContactListProperties'> | undefined,
): WishedProperties | undefined => {
  let displayName: string | undefined;
  let isDefault: boolean | undefined;
  for (const { Name, Value } of properties?.Property ?? []) {
    if (/^displayname$/i.test(Name))
      displayName =
        String(Value ?? '')
          .trim()
          .slice(0, 256) || undefined;
    if (/^default$/i.test(Name) && Value !== undefined) {
      const text = String(Value).trim();
      if (!/^(t|f|true|false)$/i.test(text)) return undefined;
      isDefault = /^t/i.test(text);
    }
  }
  return { displayName, isDefault };
};

export const propertiesOf = (
  list: Pick<ContactList, 'displayName' | 'isDefault'>,
): StructureOf<'ContactListProperties'> => ({
  Property: [
    { Name: 'DisplayName', Value: list.displayName },
    { Name: 'Default', Value: list.isDefault ? 'T' : 'F' },
  ],
});
