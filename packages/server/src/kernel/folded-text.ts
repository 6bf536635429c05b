/** The form in which texts are compared without regard to case: NFC and Unicode case folding, the final sigma included. */
export const foldText = (text: string): string => text.normalize("NFC").toUpperCase().toLowerCase().replaceAll("ς", "σ").normalize("NFC");
