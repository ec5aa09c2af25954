/** `T` with these of its values known: another resource of the program may produce them, and then they come later. */
export type Known<T, Late extends keyof T> = Omit<T, Late> & {
    [Key in keyof Pick<T, Late>]: Extract<T[Key], string | undefined>;
};
