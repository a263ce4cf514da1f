/** The server refused, or said something this phone does not take. */
export class CspClientError extends Error {
  override readonly name = 'CspClientError';
  /** The CSP status code, where there was one; an HTTP status other than 200. */
  readonly code: number | undefined;
  constructor(message: string, code?: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
