export { createInstallationStore, type InstallationStore } from "./installation.store.ts";
