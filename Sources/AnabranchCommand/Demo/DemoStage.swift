internal import Anabranch
internal import AnabranchExchange
internal import Foundation

/// Three replicas in a temporary folder, as three devices of one person.
struct DemoStage {
  let laptop: Replica
  let phone: Replica
  let desktop: Replica
  private let folder: String

  /// The devices by name, in the order in which they are shown.
  var devices: [(name: String, replica: Replica)] {
    [("Laptop", laptop), ("Phone", phone), ("Desktop", desktop)]
  }

  /// Makes the devices. Where that fails, nothing of them remains.
  init() async throws {
    var template = Array((FileManager.default.temporaryDirectory.path + "/anabranch-demo-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw AnabranchError(
        writing: "a temporary folder", errno, remedy: "set TMPDIR to a folder that you may write to")
    }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    self.folder = folder
    do {
      laptop = try await Replica.create(at: Home(folder + "/laptop"), name: "Laptop")
      phone = try await Replica.create(at: Home(folder + "/phone"), name: "Phone")
      desktop = try await Replica.create(at: Home(folder + "/desktop"), name: "Desktop")
      try await pair()
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// Lets the others into the laptop's space, each by a code, as a person would.
  private func pair() async throws {
    _ = try await laptop.found()
    let server = try await laptop.serve(on: "127.0.0.1:0")
    do {
      for newcomer in [phone, desktop] {
        let invitation = try await laptop.invite()
        async let admitted = laptop.admit(by: invitation)
        try await newcomer.join(invitation.code)
        _ = try await admitted
      }
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
  }

  /// Imports the bundled history on the laptop.
  func importHistory() async throws -> ImportSummary {
    let file = folder + "/conversations.json"
    try Data(DemoHistory.json.utf8).write(to: URL(fileURLWithPath: file))
    return try await laptop.importHistory(from: HistoryFile.open(file))
  }

  /// The laptop listens on TCP; phone and desktop exchange with it in turn, and the phone once more, so that what the
  /// desktop brought reaches it too. Returns what each exchange did.
  func syncAll() async throws -> [(from: String, SyncSummary)] {
    let server = try await laptop.serve(on: "127.0.0.1:0")
    var done: [(from: String, SyncSummary)] = []
    do {
      done.append(("Phone", try await phone.sync(with: server.address)))
      done.append(("Desktop", try await desktop.sync(with: server.address)))
      done.append(("Phone", try await phone.sync(with: server.address)))
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
    return done
  }

  /// The conversation that the devices write in.
  func conversation() async throws -> ObjectID {
    let found = try await laptop.conversations().first { $0.title == DemoHistory.title }
    guard let found else { throw AnabranchError(.notFound, "the example conversation was not imported") }
    return found.id
  }

  /// Removes the devices and their folder.
  func strike() async {
    for device in devices { try? await device.replica.close() }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
