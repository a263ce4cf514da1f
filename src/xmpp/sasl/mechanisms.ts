// The SASL mechanisms we speak, strongest first: the order in which a client of ours chooses and a server of ours offers.
// SHA-256 before SHA-1, and with channel binding before without (RFC 7677 §4, RFC 5802 §6).

export const mechanisms = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] as const;
export type Mechanism = (typeof mechanisms)[number];
