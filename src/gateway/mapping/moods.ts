// StatusMood of CSP (eleven words) and XEP-0107 User Mood (some eighty).

export const cspMoods = [
  'HAPPY',
  'SAD',
  'ANGRY',
  'JEALOUS',
  'ASHAMED',
  'INVINCIBLE',
  'IN_LOVE',
  'SLEEPY',
  'BORED',
  'EXCITED',
  'ANXIOUS',
] as const;
export type CspMood = (typeof cspMoods)[number];

/** Each CSP mood has a word of the same meaning in XEP-0107. */
const toXmpp: Readonly<Record<CspMood, string>> = {
  HAPPY: 'happy',
  SAD: 'sad',
  ANGRY: 'angry',
  JEALOUS: 'jealous',
  ASHAMED: 'ashamed',
  INVINCIBLE: 'invincible',
  IN_LOVE: 'in_love',
  SLEEPY: 'sleepy',
  BORED: 'bored',
  EXCITED: 'excited',
  ANXIOUS: 'anxious',
};

/** Which XEP-0107 moods a phone sees as which of its own; what stands in no row is shown as none. */
const near: Readonly<Record<CspMood, readonly string[]>> = {
  HAPPY: ['happy', 'amused', 'cheerful', 'contented', 'grateful', 'pleased', 'playful', 'satisfied', 'thankful'],
  SAD: ['sad', 'dejected', 'depressed', 'disappointed', 'grieving', 'heartbroken', 'hurt', 'lonely', 'sorry'],
  ANGRY: ['angry', 'annoyed', 'cranky', 'frustrated', 'grumpy', 'indignant', 'mad', 'outraged'],
  JEALOUS: ['jealous', 'envious'],
  ASHAMED: ['ashamed', 'embarrassed', 'guilty', 'humbled', 'humiliated', 'remorseful'],
  INVINCIBLE: ['invincible', 'brave', 'confident', 'proud', 'strong'],
  IN_LOVE: ['in_love', 'amorous', 'loved', 'affectionate'],
  SLEEPY: ['sleepy', 'tired'],
  BORED: ['bored', 'indifferent', 'restless'],
  EXCITED: ['excited', 'amazed', 'aroused', 'crazy', 'hot', 'impressed', 'interested', 'surprised'],
  ANXIOUS: ['anxious', 'afraid', 'dismayed', 'frightened', 'nervous', 'stressed', 'worried'],
};
const fromXmpp = new Map(
  cspMoods.flatMap((mood) => near[mood].map((word): readonly [string, CspMood] => [word, mood])),
);

export const moodToXmpp = (mood: string): string | undefined =>
  cspMoods.includes(mood.toUpperCase() as CspMood) ? toXmpp[mood.toUpperCase() as CspMood] : undefined;
export const moodToCsp = (word: string): CspMood | undefined => fromXmpp.get(word);
/** Every mood of XEP-0107 that a phone sees as one of its own. */
export const xmppMoods: readonly string[] = [...fromXmpp.keys()];
