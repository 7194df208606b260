import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compress } from "./compress.ts";

export default defineConfig({
  plugins: [react(), tailwindcss(), compress()],
  base: "/",
  build: {
    outDir: "../src/moonlock/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": "http://127.0.0.1:3001", "/ws": { target: "ws://127.0.0.1:3001", ws: true } } },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    css: true,
    testTimeout: 20_000,
    setupFiles: ["src/testing/setup.ts"],
  },
});
