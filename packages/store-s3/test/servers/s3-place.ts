/** Where an S3 server listens, and who may use it. */
export interface S3Place {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
