/** `nftables.ts FILE`: nftables and keepalived as a server switch, or one of two. */
import { openNftables } from '../nftables/nftables.ts';
import { serveProduct } from '../product/serve.ts';
import { withKeepalived } from './keepalived.ts';

serveProduct((folder) => withKeepalived(openNftables('in-pairs'), folder));
