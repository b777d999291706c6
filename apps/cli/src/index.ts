export { type CrystallizeConfig, defineConfig, type StorePlace, type StoreSetting } from './config/config.ts';
