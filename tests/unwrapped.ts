/** Joins the lines into which `in_column` (scripts/lib/host/checks.sh) breaks the sentences of preflight's table. */
export const unwrapped = (text: string): string => text.replace(/\n {34,}(?!to do:)(?=\S)/g, " ");
