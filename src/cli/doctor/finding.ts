/** One line of the doctor. 'note': it works, but somebody may wonder; 'wrong': it must be mended. */
export interface Finding {
  readonly state: 'good' | 'note' | 'wrong';
  readonly text: string;
  /** What to do about it. */
  readonly mend?: string;
}
