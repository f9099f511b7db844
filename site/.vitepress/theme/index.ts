// The default theme without its web font: readers have fonts of their own.
import { type Theme, useRoute } from 'vitepress';
import DefaultTheme from 'vitepress/theme-without-fonts';
import { onMounted, watch } from 'vue';
// Last, so that it has the last word.
import './style.css';

/** The landing pages of the default theme have no main landmark, the others have one of their own. */
function markMain(): void {
  const content = document.getElementById('VPContent');
  if (content?.querySelector('main')) content.removeAttribute('role');
  else content?.setAttribute('role', 'main');
}

const theme: Theme = {
  extends: DefaultTheme,
  setup() {
    const route = useRoute();
    onMounted(markMain);
    watch(() => route.path, markMain, { flush: 'post' });
  },
};

export default theme;
