/**
 * The form in which texts are compared without regard to case: NFC and Unicode case folding. Lower, upper and lower
 * again folds what one step leaves apart (ẞ ß ss, ſ s); the final sigma is a sigma, and the dotless ı, which folds to
 * itself, is kept.
 */
export const foldText = (text: string): string =>
  isPlain.test(text)
    ? text.toLowerCase()
    : text
        .normalize("NFC")
        .split("ı")
        .map((part) => part.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ"))
        .join("ı")
        .normalize("NFC");

/** ASCII, of which nothing but the letters' case differs: nearly all names, at each login. */
const isPlain = /^[\0-\x7f]*$/;
