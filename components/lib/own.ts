/** What a record has by a key: not what every object has by it, such as `constructor`. */
export const own = <T>(record: Record<string, T>, key: string): T | undefined =>
    Object.hasOwn(record, key) ? record[key] : undefined;
