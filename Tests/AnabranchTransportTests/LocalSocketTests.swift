import AnabranchTransport
import Foundation
import Testing

@Suite(.timeLimit(.minutes(5))) struct LocalSocketTests {
  /// A new folder that does not exist yet, under a short path.
  private static func folder() -> String {
    "/tmp/anabranch-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0...UInt32.max))"
  }

  private static func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test func framesGoBothWaysAndTheFilesAreOurs() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try LocalSocket(path: folder + "/s.sock")
    let listener = try await socket.listen(ownsLock: true)
    #expect(try Self.mode(folder) == 0o700)
    #expect(try Self.mode(socket.path) == 0o600)
    let client = try await socket.connect()
    var arrivals = listener.connections.makeAsyncIterator()
    let server = try #require(await arrivals.next())
    let large = (0..<(9 << 20)).map { UInt8(truncatingIfNeeded: $0) }
    let sending = Task {
      for frame in [[], [1, 2, 3], large] { try await client.send(frame) }
      await client.close()
    }
    #expect(try await server.receive() == [])
    #expect(try await server.receive() == [1, 2, 3])
    #expect(try await server.receive() == large)
    #expect(try await server.receive() == nil)
    try await sending.value
    await server.close()
    await listener.close()
    #expect(!FileManager.default.fileExists(atPath: socket.path))
    let error = await #expect(throws: TransportError.self) { _ = try await socket.connect() }
    #expect(error?.code == .refused)
  }

  @Test func aSocketLeftBehindIsRemovedOnlyByTheOwnerOfTheLock() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try LocalSocket(path: folder + "/s.sock")
    let first = try await socket.listen(ownsLock: false)
    let error = await #expect(throws: TransportError.self) { _ = try await socket.listen(ownsLock: false) }
    #expect(error?.code == .inUse)
    let second = try await socket.listen(ownsLock: true)
    let client = try await socket.connect()
    try await client.send([7])
    var arrivals = second.connections.makeAsyncIterator()
    #expect(try await arrivals.next()?.receive() == [7])
    await client.close()
    await second.close()
    await first.close()
  }

  @Test func whatIsNoSocketStays() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    let path = folder + "/s.sock"
    #expect(FileManager.default.createFile(atPath: path, contents: Data([1])))
    let error = await #expect(throws: TransportError.self) {
      _ = try await LocalSocket(path: path).listen(ownsLock: true)
    }
    #expect(error?.code == .unsafe)
    #expect(FileManager.default.contents(atPath: path) == Data([1]))
  }

  @Test func aFolderThatOthersCanEnterIsRefused() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    let socket = try LocalSocket(path: folder + "/s.sock")
    let listening = await #expect(throws: TransportError.self) { _ = try await socket.listen(ownsLock: true) }
    #expect(listening?.code == .unsafe)
    #expect(listening?.remedy.contains("chmod 700") == true)
    let connecting = await #expect(throws: TransportError.self) { _ = try await socket.connect() }
    #expect(connecting?.code == .unsafe)
  }

  @Test func aFolderThatIsALinkIsRefused() async throws {
    let (folder, link) = (Self.folder(), Self.folder())
    defer { for path in [folder, link] { try? FileManager.default.removeItem(atPath: path) } }
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
    let error = await #expect(throws: TransportError.self) {
      _ = try await LocalSocket(path: link + "/s.sock").listen(ownsLock: true)
    }
    #expect(error?.code == .unsafe)
  }

  @Test(arguments: ["s.sock", "", "/tmp/" + String(repeating: "a", count: 99), "/tmp/a\u{0}b"])
  func pathsAreChecked(path: String) {
    let error = #expect(throws: TransportError.self) { try LocalSocket(path: path) }
    #expect(error?.code == .limit)
  }

  @Test func aPathOfTheGreatestLengthWorks() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let name = String(repeating: "s", count: TransportLimits.localPathBytesMax - folder.utf8.count - 1)
    let socket = try LocalSocket(path: folder + "/" + name)
    let listener = try await socket.listen(ownsLock: true)
    await (try socket.connect()).close()
    await listener.close()
  }

  @Test func aFrameAboveTheLimitIsNotSent() async throws {
    let folder = Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let socket = try LocalSocket(path: folder + "/s.sock")
    let listener = try await socket.listen(ownsLock: true)
    let client = try await socket.connect()
    let large = [UInt8](repeating: 0, count: TransportLimits.localFrameBytesMax + 1)
    let error = await #expect(throws: TransportError.self) { try await client.send(large) }
    #expect(error?.code == .limit)
    await client.close()
    await listener.close()
  }
}
