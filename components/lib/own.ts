/** The record's own value of this key; undefined for a key that every object has, such as `constructor`. */
export const own = <T>(record: Record<string, T>, key: string): T | undefined =>
    Object.hasOwn(record, key) ? record[key] : undefined;
