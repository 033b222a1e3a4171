"""RNN Lab in a browser: `streamlit run app.py`.

One file is both what Streamlit serves and what it runs. Imported by the server, it is the ASGI
application with the live route beside Streamlit's own. Run for a visitor, it is the navigation.
The guard also keeps a worker process, which may import it again, from drawing pages.
"""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
PAGES = [  # path, file and title of every page but the first
    ("gradients", "gradients.py", "Gradients"),
    ("unroll", "unroll.py", "Unroll"),
    ("try", "try_it.py", "Try it"),
]


def main() -> None:
    from pages import teach, teacher, titles

    st.set_page_config(
        page_icon=str(HERE / "assets" / "logo.svg"),
        layout="wide",
        initial_sidebar_state="collapsed" if teacher.room().projector else 290,
    )
    st.logo(HERE / "assets" / "wordmark.svg", icon_image=HERE / "assets" / "logo.svg", size="large")
    st.html(HERE / "assets" / "page.css")
    lab = st.Page(HERE / "pages" / "lab.py", title="Lab", default=True)
    others = [st.Page(HERE / "pages" / name, title=title, url_path=path) for path, name, title in PAGES]
    page = st.navigation([lab, *others], position="top")
    st.set_page_config(page_title=titles.tab("" if page == lab else page.title))
    teach.dress()
    page.run()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Warm the workers, and take all that is loaded by now out of the garbage collector's rounds."""
    from rnnlab.live.engine import engine
    from rnnlab.live.greeting import greet

    engine().warm()
    greet(engine().executor, st.get_option)
    gc.collect()
    gc.freeze()
    yield
    engine().close()


if __name__ == "__main__":
    main()
elif __name__ != "__mp_main__":  # a worker started late imports this file again, and serves nothing
    from streamlit.runtime.pages_manager import PagesManager

    from pages import uploads
    from rnnlab.commands.refusal import refuse
    from rnnlab.live import base_path
    from rnnlab.live.doors import doors
    from rnnlab.live.engine import engine
    from rnnlab.live.route import routes

    uploads.keep_within_bounds()

    # Until a first visitor runs the navigation, Streamlit would take every file of pages/ for a page.
    PagesManager.uses_pages_directory = False
    try:
        guards, live = doors(HERE / "assets" / "code.html"), routes(engine(), HERE / "assets" / "live")
    except ValueError as wrong:  # a setting in the environment: one line says more than a traceback
        refuse(str(wrong))
    below = [] if st.get_option("server.baseUrlPath") else base_path.routes(path for path, _, _ in PAGES)
    app = st.App(__file__, routes=[*live, *below], middleware=guards, lifespan=lifespan)
