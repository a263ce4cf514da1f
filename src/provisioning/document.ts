// An OMA client provisioning document as data. (OMA-WAP-ProvCont 1.1: "Provisioning Content")

export interface Parm {
  readonly name: string;
  /** Absent where the name alone says something. */
  readonly value?: string | undefined;
}

export interface Characteristic {
  readonly type: string;
  readonly parms: readonly Parm[];
  readonly inside?: readonly Characteristic[] | undefined;
}

export interface ProvisioningDocument {
  readonly version: string;
  readonly characteristics: readonly Characteristic[];
}
