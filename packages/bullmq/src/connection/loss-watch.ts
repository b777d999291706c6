import type { Redis } from 'ioredis';

/** What is done when a connection breaks. */
export interface LossListener {
  /** How long it may stay broken, in milliseconds. */
  readonly patience: number;
  /** It broke; it is being opened again. Once per break. */
  broken(reason: string): void;
  /** It is open again. */
  mended?(): void;
  /** It has been broken for longer than `patience`; never again after that. */
  lost?(reason: string): void;
}

/** Watches a connection for breaks; returns what ends the watch. */
export function watchForLoss(redis: Redis, listener: LossListener): () => void {
  let timer: NodeJS.Timeout | undefined;
  let broken = false;
  let reason = 'the connection was closed';
  const onError = (error: Error) => {
    reason = error.message || reason;
  };
  const onClose = () => {
    if (broken) return;
    broken = true;
    listener.broken(reason);
    if (Number.isFinite(listener.patience))
      timer = setTimeout(() => listener.lost?.(reason), listener.patience);
  };
  const onReady = () => {
    clearTimeout(timer);
    if (broken) listener.mended?.();
    broken = false;
  };
  redis.on('error', onError).on('close', onClose).on('ready', onReady);
  return () => {
    clearTimeout(timer);
    redis.off('error', onError).off('close', onClose).off('ready', onReady);
  };
}
