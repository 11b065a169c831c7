/** `haproxy.ts FILE`: HAProxy and keepalived as a server switch, or one of two. */
import { openHaproxy } from '../haproxy/haproxy.ts';
import { serveProduct } from '../product/serve.ts';
import { withKeepalived } from './keepalived.ts';

serveProduct((folder) => withKeepalived(openHaproxy(folder, 'in-pairs'), folder));
