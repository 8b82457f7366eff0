import Anabranch
import Foundation
import Scenarios
import SimulationKit
import Testing

@testable import AnabranchCommand

/// Stories that are told, and what the program says about what came of them.
extension Workplace {
  /// Tells the scenario of that name, and has the database of one of its machines in a file.
  func story(_ name: String, of device: String) throws -> Story {
    let scenario = try #require(Scenarios.all.first { $0.name == name })
    let file = path("\(name).sqlite")
    let stage = try scenario.perform()
    // A stage takes its machines with it.
    try withExtendedLifetime(stage) { try Data($0[device].database()).write(to: URL(filePath: file)) }
    return Story(place: self, file: file)
  }

  /// Plays the demonstration without a word, and has the laptop's database in a file; and the conversation that all wrote in.
  func demo() async throws -> (story: Story, conversation: String) {
    let stage = try await DemoStage()
    let file = path("demo.sqlite")
    do {
      let script = DemoScript(style: Style(columns: 80, isColored: false), isSilent: true)
      try await DemoCommand.meet(stage, script)
      let id = try await stage.conversation()
      try await DemoCommand.diverge(stage, id, script)
      _ = try await stage.syncAll()
      try await stage.laptop.backUp(to: file)
      await stage.strike()
      return (Story(place: self, file: file), id.description)
    } catch {
      await stage.strike()
      throw error
    }
  }
}

/// A database file that a story left behind.
struct Story {
  let place: Workplace
  let file: String

  /// What the program says as JSON.
  func json(_ arguments: String...) async throws -> JSON {
    let result = try await run(arguments + ["--json"])
    return try result.json()
  }

  /// The conversation; a story is about one.
  func conversation() async throws -> String {
    let all = try await json("list").array + json("list", "--trashed").array
    #expect(all.count == 1)
    return try #require(all.first)["id"].text
  }

  /// The first conversation that is listed, and the first message in it.
  func first() async throws -> (id: String, message: String) {
    let id = try #require(try await json("list").array.first)["id"].text
    return (id, try #require(try await json("show", id)["messages"].array.first)["id"].text)
  }

  /// The message that says that.
  func message(_ text: String) async throws -> String {
    let messages = try await json("show", conversation())["messages"].array
    return try #require(messages.first { $0["text"].text == text })["id"].text
  }

  /// What the program says to people at 80 columns, with `aaaa…` for the first identifier in it, `bbbb…` for the second one.
  ///
  /// The times are those of the story: the same in each run. So are the identifiers, but any change of what is written before
  /// changes them.
  func told(_ arguments: String...) async throws -> String {
    let result = try await run(arguments)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    return Self.lettered(result.output)
  }

  private static func lettered(_ output: String) -> String {
    var text = output
    var names: [String] = []
    for match in text.matches(of: /\b[0-9a-f]{8}\b/) where !names.contains(String(match.output)) {
      names.append(String(match.output))
    }
    for (name, letter) in zip(names, "abcdefghijklmnopqrstuvwxyz") {
      text = text.replacingOccurrences(of: name, with: String(repeating: letter, count: 8))
    }
    return text
  }

  /// The same of a story whose times are those of the run.
  func toldWithoutTimes(_ arguments: String...) async throws -> String {
    try await Self.lettered(run(arguments).output)
      .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "<minute>").replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "<time>")
  }

  private func run(_ arguments: [String]) async throws -> Command.Result {
    try await Command.run(arguments + ["--database", file], environment: place.environment(home: nil))
  }
}
