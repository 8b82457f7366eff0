import Testing

@testable import AnabranchCommand

@Suite struct WatchViewTests {
  private func event(_ text: String, of message: String, isLive: Bool, role: String = "assistant") -> WatchEvent {
    WatchEvent(
      event: .message, conversation: "c", message: message, role: role, device: "Laptop", live: isLive, text: text)
  }

  @Test func anotherProgramGetsWholeLinesEachOnce() {
    var view = WatchView(style: Style(policy: .never))
    #expect(view.text(of: WatchEvent(event: .watching, conversation: nil, live: false)) == "")
    #expect(view.text(of: event("Hello?", of: "m1", isLive: false, role: "user")) == "user m1 @Laptop\nHello?\n")
    #expect(view.text(of: event("", of: "m2", isLive: false)) == "assistant m2 @Laptop\n")
    #expect(view.text(of: event("Once", of: "m2", isLive: true)) == "")
    #expect(view.text(of: event("Once upon\na", of: "m2", isLive: true)) == "Once upon\n")
    #expect(view.text(of: event("Once upon\na time.", of: "m2", isLive: false)) == "a time.\n")
    #expect(view.text(of: event("Once upon\na time. Then", of: "m2", isLive: false)) == " Then\n")
  }

  @Test func textsThatComeByTurnsAreEachWrittenOnce() {
    var view = WatchView(style: Style(policy: .never))
    #expect(view.text(of: event("One\n", of: "m1", isLive: true)) == "assistant m1 @Laptop\nOne\n")
    #expect(view.text(of: event("Uno\n", of: "m2", isLive: true)) == "assistant m2 @Laptop\nUno\n")
    #expect(view.text(of: event("One\ntwo\n", of: "m1", isLive: true)) == "assistant m1 @Laptop goes on\ntwo\n")
    #expect(view.text(of: event("Eins\n", of: "m2", isLive: true)) == "assistant m2 @Laptop changed\nEins\n")
  }

  @Test func whatIsChangedIsWrittenAgain() {
    var view = WatchView(style: Style(policy: .never))
    _ = view.text(of: event("One\ntwo", of: "m1", isLive: false))
    #expect(view.text(of: event("One\nthree", of: "m1", isLive: false)) == "assistant m1 @Laptop changed\nOne\nthree\n")
    #expect(view.text(of: event("Other", of: "m2", isLive: false)) == "assistant m2 @Laptop\nOther\n")
  }

  /// What comes from another device cannot play with the terminal.
  @Test func controlCharactersAreShownAsWhatTheyAre() {
    var view = WatchView(style: Style(policy: .never))
    let text = view.text(of: event("a\u{1B}[2Jb", of: "m1", isLive: false))
    #expect(!text.unicodeScalars.contains("\u{1B}"))
  }

  @Test func aDraftHasItsOwnName() {
    var view = WatchView(style: Style(policy: .never))
    let draft = WatchEvent(
      event: .draft, conversation: "c", message: nil, role: nil, device: nil, live: true, text: "Dear\n")
    #expect(view.text(of: draft) == "draft c\nDear\n")
  }
}
