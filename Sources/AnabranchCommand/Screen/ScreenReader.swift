internal import Anabranch

/// Reads from a replica what a screen wants. Changes nothing there.
actor ScreenReader {
  private let replica: Replica
  /// Where somebody may serve it; nil for a file.
  private let home: Home?
  /// What devices are called, and which were met; as of the last time that the list was begun.
  private var known: (names: LogNames, holders: Holders)?

  init(_ replica: Replica, servedAt home: Home?) {
    (self.replica, self.home) = (replica, home)
  }

  /// What comes of a reading; a failure in words. Throws where the replica is damaged: the command goes on past that when it is run again.
  func answer(_ reading: ScreenReading) async throws -> ScreenAnswer {
    do {
      switch reading {
      case .newest(let count): return .page(try await newest(count))
      case .more(let rest): return .page(try await page(Screen.pageEntries, within: rest, held: rest))
      case .pane(let pane, let node): return .pane(try await content(of: pane, about: node))
      case .held: return .held(try await replica.heldVector())
      }
    } catch let error as AnabranchError where error.isOfDamage {
      throw error
    } catch {
      return .failure(Failure(error)?.message ?? "\(error)")
    }
  }

  /// The first page of the list, of so many changes.
  func newest(_ count: Int) async throws -> GraphPage {
    known = nil
    let held = try await replica.heldVector()
    return try await page(count, within: held, held: held)
  }

  /// A screen on which those keys were pressed, each once everything was read that it wanted.
  func settled(_ screen: Screen, pressing keys: [Key]) async throws -> Screen {
    var screen = screen
    try await settle(&screen)
    for key in keys {
      guard screen.press(key) == .goesOn else { break }
      try await settle(&screen)
    }
    return screen
  }

  private func settle(_ screen: inout Screen) async throws {
    while let reading = screen.next() { screen.take(try await answer(reading), for: reading) }
  }

  /// Ends reading.
  func close() async throws {
    try await replica.close()
  }

  // MARK: Pages and panes

  private func page(_ count: Int, within rest: VersionVector, held: VersionVector) async throws -> GraphPage {
    let graph = try await replica.graph(limit: count, within: rest)
    let entries = try await GraphEntry.all(of: graph.nodes, from: replica)
    return GraphPage(entries: entries, hasMore: graph.hasMore, held: held)
  }

  private func content(of pane: Pane, about node: GraphNode?) async throws -> PaneContent {
    switch (pane, node) {
    case (.change, let node?):
      let (names, holders) = try await knowing()
      let record = try await replica.change(node.id)
      return .change(ChangeReport(record, names, holders))
    case (.why, let node?):
      let parts = try await explanations(of: node.id) + texts(editedBy: node.id)
      return parts.isEmpty
        ? .note("It wrote no message, text, title, tag or other value of which there is more to say.") : .why(parts)
    case (.peers, _):
      let reports = try await LackReport.all(of: replica, servedAt: home)
      return reports.isEmpty ? .note("There is no other device.") : .peers(reports)
    case (.conflicts, _):
      let conflicts = try await replica.conflicts()
      guard !conflicts.isEmpty else { return .note("No two values stand beside each other.") }
      return .conflicts(conflicts, names: try await knowing().names)
    case (.diverged, let node?): return try await divergences(about: node)
    case (.change, nil), (.why, nil), (.diverged, nil): return .note("No change is chosen.")
    }
  }

  /// Values of one change that are explained, and messages of it of which is said where they are read: each time a whole
  /// conversation is. Texts that it edited, and of each so many edits, the last ones.
  private static let (valuesMax, placesMax, textsMax, editsMax) = (20, 5, 3, 20)
  /// Conversations that are listed where none is chosen.
  private static let conversationsMax = 20

  /// Why what a change did is as it is: its values, and the messages that it wrote, each with where it is read.
  private func explanations(of change: ChangeID) async throws -> [WhyPart] {
    let names = try await knowing().names
    let found = try await replica.explanations(of: change, limit: Self.valuesMax)
    let messages = found.filter { $0.facet == .message }.prefix(Self.placesMax).map(\.object)
    let places = try await places(of: Set(messages), names)
    return found.flatMap { explanation in
      let words = WhyWords(
        explanation.facet, of: explanation.object, explanation.contenders, names: names, now: Moment.nowMs)
      let place = explanation.facet == .message ? places[explanation.object] : nil
      return [.value(words)] + [place].compactMap { $0 }
    }
  }

  /// Where messages are read; without those that do not show, and so are read nowhere.
  private func places(of messages: Set<ObjectID>, _ names: LogNames) async throws -> [ObjectID: WhyPart] {
    var places: [ObjectID: WhyPart] = [:]
    for message in messages { places[message] = try await place(of: message, names) }
    return places
  }

  private func place(of message: ObjectID, _ names: LogNames) async throws -> WhyPart? {
    do throws(AnabranchError) {
      let found = try await replica.place(of: message)
      return .place(found.place, in: found.conversation, names: names)
    } catch {
      guard error.code == .notFound || error.code == .purged else { throw error }
      return nil
    }
  }

  /// Why the texts read as they do that a change edited; without those that are gone.
  private func texts(editedBy change: ChangeID) async throws -> [WhyPart] {
    var edited: [EditedText] = []
    for operation in try await replica.change(change).change.operations where edited.count < Self.textsMax {
      guard let object = operation.envelope.target, let kind = operation.mutation.text.flatMap(WhyText.init) else {
        continue
      }
      let text = EditedText(object: object, text: kind)
      if !edited.contains(text) { edited.append(text) }
    }
    let names = try await knowing().names
    var parts: [WhyPart] = []
    for text in edited {
      do throws(AnabranchError) {
        let told = try await replica.explanation(of: text.text.kind, of: text.object, limit: Self.editsMax)
        parts.append(.text(told, text, names: names))
      } catch {
        guard error.code == .notFound || error.code == .purged else { throw error }
      }
    }
    return parts
  }

  /// Where the conversation diverged that a change is about; where that is about none, all that did.
  private func divergences(about node: GraphNode) async throws -> PaneContent {
    let action = try await replica.actions(beginningWith: [node.action]).first
    let names = try await knowing().names
    if let place = action?.steps.lazy.compactMap(\.conversation).first {
      do {
        let record = try await replica.conversation(place)
        return record.divergences.isEmpty
          ? .note("The conversation that it is about has not diverged.") : .diverged([record], count: 1, names: names)
      } catch let error where error.code == .notFound {
        // Settings, for example, and what people call their devices.
      }
    }
    let (records, count) = try await replica.divergedConversations(limit: Self.conversationsMax)
    return records.isEmpty ? .note("Nothing has diverged.") : .diverged(records, count: count, names: names)
  }

  private func knowing() async throws -> (names: LogNames, holders: Holders) {
    if let known { return known }
    let found = (names: try await replica.logNames(), holders: try await replica.holders())
    known = found
    return found
  }
}
