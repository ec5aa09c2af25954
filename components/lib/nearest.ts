import { closest, distance } from "fastest-levenshtein";

/** The known word that was probably meant: a slip of the pen, or of upper and lower case. */
export function nearest(word: string, known: string[]): string | undefined {
    if (known.length === 0) return undefined;
    const lower = word.toLowerCase();
    const near = closest(
        lower,
        known.map((each) => each.toLowerCase()),
    );
    const most = Math.min(3, Math.floor(word.length / 3));
    return distance(lower, near) <= most ? known.find((each) => each.toLowerCase() === near) : undefined;
}

/** The first known word that ends in the words of another one: serverCertSANs ends in those of certSANs. */
export const endingIn = (word: string, known: string[]): string | undefined =>
    word === "" ? undefined : known.find((each) => each.endsWith(word.charAt(0).toUpperCase() + word.slice(1)));
