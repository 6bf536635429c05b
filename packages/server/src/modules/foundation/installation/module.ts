import { createInstallationStore } from "./installation.store.ts";

export const installationModule = {
  name: "foundation/installation",
  stores: () => ({ installation: createInstallationStore }),
} as const;
