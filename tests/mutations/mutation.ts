/** A deliberate defect that at least one of the tests named for it must notice. */
export interface Mutation {
    /** What the defect does, in a few words. */
    name: string;
    file: string;
    /** Text that occurs in the file exactly once, and what is put in its place. */
    search: string;
    replace: string;
    /** Test files below tests/, without `.test.ts`. */
    tests: string[];
    /** Part of the title of the test that notices, which saves time in a long file. @default all tests of the files */
    title?: string;
}
