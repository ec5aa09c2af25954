/** What preflight printed, with each text of its table in one line (`in_column` of scripts/lib/host/checks.sh breaks them). */
export const unwrapped = (text: string): string => text.replace(/\n {34,}(?!to do:)(?=\S)/g, " ");
