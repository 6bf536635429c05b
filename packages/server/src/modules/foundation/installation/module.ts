import { installationStore } from "./installation.store.ts";

export const installationModule = {
  name: "foundation/installation",
  stores: { installation: installationStore },
} as const;
