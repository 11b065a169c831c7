/** `start.ts FILE`: nginx as a server switch; see `hardware/product/serve.ts`. */
import { serveProduct } from '../product/serve.ts';
import { openNginx } from './nginx.ts';

serveProduct(openNginx);
