internal import AnabranchCore

/// Decides which messages of a branch a model is given.
struct ContextSelection {
  /// What is in it, in the order of the branch.
  private(set) var messages: [ModelContext.Message]
  private(set) var omitted = 0
  private(set) var omittedTokens = 0
  private(set) var note: String?
  private(set) var noteIndex = 0
  private(set) var tokens: Int

  /// The choice among `branch` within `budget` tokens; all of it, for nil.
  ///
  /// What is kept comes first, then the newest messages, one after the other until one does not fit. Where not even the
  /// newest one fits, its end is given. Throws ``AnabranchError/Code/invalid`` where what is kept is too much by itself.
  init(of branch: [ModelContext.Message], budget: Int?, counter: some TokenCounter) throws(AnabranchError) {
    messages = branch
    tokens = branch.reduce(0) { $0 + $1.tokens }
    if let budget, budget <= 0 {
      throw AnabranchError(.invalid, "expected a budget of at least one token, got \(budget)")
    }
    guard let budget, tokens > budget else { return }

    let kept = branch.reduce(0) { $0 + ($1.isKept ? $1.tokens : 0) }
    // No note that is written in the end is longer than this one.
    let noteTokens =
      counter.count(ModelContext.note(omitting: branch.count, tokens: tokens)) + counter.tokensPerMessage
    var room = budget - kept - noteTokens
    guard room > 0 else {
      throw AnabranchError(
        .invalid,
        "expected a budget of more than \(kept + noteTokens) tokens, got \(budget): pinned and system messages "
          + "take \(kept) by themselves, and the word on what is left out \(noteTokens)",
        remedy: "give a larger budget, or unpin some")
    }
    var first = branch.count
    while let next = branch[..<first].lastIndex(where: { !$0.isKept }), branch[next].tokens <= room {
      room -= branch[next].tokens
      first = next
    }
    choose(from: first, among: branch)
    if first == branch.count { cutNewest(to: room, counter) }
    let note = ModelContext.note(omitting: omitted, tokens: omittedTokens)
    if omitted > 0 { self.note = note }
    tokens =
      messages.reduce(0) { $0 + $1.tokens } + (omitted > 0 ? counter.count(note) + counter.tokensPerMessage : 0)
  }

  /// Takes what is kept, and all from `first` on.
  private mutating func choose(from first: Int, among branch: [ModelContext.Message]) {
    messages = []
    for (index, message) in branch.enumerated() {
      if index == first { noteIndex = messages.count }
      if message.isKept || index >= first {
        messages.append(message)
      } else {
        omitted += 1
        omittedTokens += message.tokens
      }
    }
    if first == branch.count { noteIndex = messages.count }
    newest = branch.lastIndex { !$0.isKept }.map { (branch[$0], branch[($0 + 1)...].count) }
  }

  /// The newest message that is not kept, and how many follow it.
  private var newest: (message: ModelContext.Message, following: Int)?

  /// Takes the end of the newest message: as much as fits into `room` tokens, if that is anything.
  private mutating func cutNewest(to room: Int, _ counter: some TokenCounter) {
    guard let newest else { return }
    let scalars = Array(newest.message.text.unicodeScalars)
    func end(_ count: Int) -> String {
      ModelContext.cutMark + String(String.UnicodeScalarView(scalars.suffix(count)))
    }
    var (fits, tooMuch) = (0, scalars.count)
    while tooMuch - fits > 1 {
      let middle = fits + (tooMuch - fits) / 2
      if counter.count(end(middle)) + counter.tokensPerMessage <= room { fits = middle } else { tooMuch = middle }
    }
    guard fits > 0 else { return }
    var message = newest.message
    message.text = end(fits)
    message.tokens = counter.count(message.text) + counter.tokensPerMessage
    message.isCut = true
    omitted -= 1
    omittedTokens -= newest.message.tokens
    let place = messages.count - newest.following
    messages.insert(message, at: place)
    noteIndex = place
  }
}
