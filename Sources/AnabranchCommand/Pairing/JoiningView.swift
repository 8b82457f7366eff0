internal import Anabranch

/// What a person sees of a device that comes in here, on it, and is asked.
struct JoiningView {
  /// Whether somebody is asked: where something is here already that the others would get.
  let isAsked: Bool
  /// Whether nothing is said but the question.
  let isQuiet: Bool

  /// Says who asks to come in. Throws where somebody has to be asked and nobody is there, before anything was told to anybody.
  func announce(_ name: String, _ device: Digest) throws {
    if isAsked { try Confirmation.checkSomebodyIsThere(else: "--yes") }
    guard !isQuiet else { return }
    Output.note(
      "“\(TextWidth.fit(name, Self.nameColumns))” asks to come in. Its fingerprint:\n\n  \(device.fingerprint)\n")
    Output.note("Somebody has to say yes on the other device.")
  }

  /// Says who lets this device in, and whether to come in there. Anything but a yes is a no.
  func answer(_ inviter: InviterReport) async -> Bool {
    let name = TextWidth.fit(inviter.name, Self.nameColumns)
    let who =
      "“\(name)” lets it in, as \(inviter.role). Its fingerprint, on that device `anabranch devices` shows it:\n\n  "
      + inviter.fingerprint + "\n"
    guard isAsked else {
      if !isQuiet { Output.note(who) }
      return true
    }
    do {
      try await Confirmation.ask(
        who + "\nWhat is here already comes along, for every device of that history to read, and for good.",
        "Come in there?", else: "--yes")
      return true
    } catch {
      return false
    }
  }

  private static let nameColumns = 40
}
