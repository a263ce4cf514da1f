// Status, the answer that every primitive may get. (CSP all versions, "Status primitive")

import type { PrimitiveOf } from '../imps/primitives.ts';
import { result } from '../imps/transaction.ts';

export const statusOf = (code: number, description?: string): PrimitiveOf<'Status'> => ({
  name: 'Status',
  Result: result(code, description),
});
