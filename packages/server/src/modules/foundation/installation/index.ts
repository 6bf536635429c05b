export { type InstallationStore, installationStore } from "./installation.store.ts";
