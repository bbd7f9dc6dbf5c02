//! The few icons, drawn here: 24 x 24, in the colour of the text around them.

use maud::{Markup, PreEscaped, Render, html};

/// An icon. It says nothing to a screen reader: put words beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// MSP Overview.
    Shield,
    /// The arrow of Syncs and Updates: nothing ran yet.
    Arrow,
    /// The arrow while ConnectWise is not connected.
    ArrowOpen,
    /// The arrow while a run works.
    ArrowRunning,
    /// The arrow while a run is due.
    ArrowQueued,
    /// The arrow after all went well.
    ArrowDone,
    /// The arrow after some lines failed.
    ArrowPartly,
    /// The arrow after a run failed.
    ArrowFailed,
    /// The arrow while Updates are off.
    ArrowOff,
    /// Edit.
    Pencil,
    /// Will be pushed.
    Check,
    /// Will be pushed after go-live.
    CheckHollow,
    /// An issue, or it waits for approval.
    Exclamation,
    /// More information.
    Info,
    /// Search.
    Search,
    /// Close.
    Close,
    /// Automatic look.
    Auto,
    /// Light look.
    Sun,
    /// Dark look.
    Moon,
    /// The menu on narrow screens.
    Menu,
    /// Down, of something that opens.
    Chevron,
    /// A link between two records.
    Link,
    /// Save as a file.
    Download,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Shield => {
                r#"<path d="M12 3l7.5 2.7v5.6c0 4.6-3.1 8-7.5 9.7-4.4-1.7-7.5-5.1-7.5-9.7V5.7z"/><path d="M8.8 12l2.3 2.3 4.2-4.5"/>"#
            }
            Icon::Arrow => r#"<circle cx="12" cy="12" r="9"/><path d="M12 16.5v-9M8 11.2l4-4 4 4"/>"#,
            Icon::ArrowOpen => {
                r#"<circle cx="12" cy="12" r="9" stroke-dasharray="2.6 2.9"/><path d="M12 16.5v-9M8 11.2l4-4 4 4"/>"#
            }
            Icon::ArrowRunning => r#"<path d="M12 3a9 9 0 1 0 9 9"/><path d="M12 16.5v-9M8 11.2l4-4 4 4"/>"#,
            Icon::ArrowQueued => {
                r#"<path d="M19.4 17.1A9 9 0 1 1 21 12"/><path d="M10.5 15.5v-8M7 10.7l3.5-3.5 3.5 3.5"/><circle cx="18" cy="18" r="4"/><path d="M18 16v2l1.3 1.1"/>"#
            }
            Icon::ArrowDone => {
                r#"<path d="M20.4 15.2A9 9 0 1 0 13 20.9"/><path d="M11 15.5v-8M7.5 10.7L11 7.2l3.5 3.5"/><path d="M15.5 19l2.2 2.2 4.3-4.6"/>"#
            }
            Icon::ArrowPartly => {
                r#"<path d="M21 12.5A9 9 0 1 0 13 20.9"/><path d="M11 15.5v-8M7.5 10.7L11 7.2l3.5 3.5"/><path d="M18.2 15v4M18.2 21.6v.2"/>"#
            }
            Icon::ArrowFailed => {
                r#"<path d="M21 12.2V8.3L15.7 3H8.3L3 8.3v7.4L8.3 21h4.2"/><path d="M11 15.5v-8M7.5 10.7L11 7.2l3.5 3.5"/><path d="M16 16l5 5M21 16l-5 5"/>"#
            }
            Icon::ArrowOff => {
                r#"<circle cx="12" cy="12" r="9"/><path d="M12 16.5v-9M8 11.2l4-4 4 4M5.7 18.3L18.3 5.7"/>"#
            }
            Icon::Pencil => r#"<path d="M4 20l1-4.2L16.2 4.6a1.7 1.7 0 0 1 2.4 0l.8.8a1.7 1.7 0 0 1 0 2.4L8.2 19z"/>"#,
            Icon::Check => {
                r#"<circle cx="12" cy="12" r="9.5" fill="currentColor" stroke="none"/><path class="on" d="M7.5 12.3l3 3 6-6.3"/>"#
            }
            Icon::CheckHollow => r#"<circle cx="12" cy="12" r="9"/><path d="M7.8 12.3l2.8 2.8 5.6-5.9"/>"#,
            Icon::Exclamation => {
                r#"<circle cx="12" cy="12" r="9.5" fill="currentColor" stroke="none"/><path class="on" d="M12 6.5v7M12 17v.4"/>"#
            }
            Icon::Info => r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.2v.3"/>"#,
            Icon::Search => r#"<circle cx="10.5" cy="10.5" r="6"/><path d="M15 15l5 5"/>"#,
            Icon::Close => r#"<path d="M6 6l12 12M18 6L6 18"/>"#,
            Icon::Auto => {
                r#"<circle cx="12" cy="12" r="8.5"/><path fill="currentColor" d="M12 3.5a8.5 8.5 0 0 1 0 17z"/>"#
            }
            Icon::Sun => {
                r#"<circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4"/>"#
            }
            Icon::Moon => r#"<path d="M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z"/>"#,
            Icon::Menu => r#"<path d="M4 7h16M4 12h16M4 17h16"/>"#,
            Icon::Chevron => r#"<path d="M6 9.5l6 6 6-6"/>"#,
            Icon::Link => {
                r#"<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1"/>"#
            }
            Icon::Download => r#"<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14"/>"#,
        }
    }
}

impl Render for Icon {
    fn render(&self) -> Markup {
        html! {
            svg.icon viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
                stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" { (PreEscaped(self.path())) }
        }
    }
}
