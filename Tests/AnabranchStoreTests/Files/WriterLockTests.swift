import Foundation
import Testing

@testable import AnabranchStore

@Suite("One process writes")
struct WriterLockTests {
  @Test("A second one is refused and told who holds the lock; then it is free")
  func withinOneProcess() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("lock")
    #expect(!WriterLock.isHeld(at: path))
    do {
      let lock = try WriterLock(at: path, holder: "anabranch serve")
      #expect(WriterLock.isHeld(at: path))
      let error = #expect(throws: StoreError.self) { try WriterLock(at: path, holder: "another") }
      #expect(error?.code == .locked)
      #expect(error?.message.contains("anabranch serve, process \(getpid())") == true)
      #expect(error?.remedy.isEmpty == false)
      withExtendedLifetime(lock) {}
    }
    #expect(!WriterLock.isHeld(at: path))
    let next = try WriterLock(at: path, holder: "a")
    #expect(try String(decoding: folder.bytes(of: "lock"), as: UTF8.self) == "a, process \(getpid())")
    withExtendedLifetime(next) {}
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("A folder that is not there is no lock that somebody holds")
  func noFolder() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: StoreError.self) { try WriterLock(at: folder.file("none/lock"), holder: "a") }
    #expect(error?.code == .io)
  }

  @Test("Asking whether it is held never keeps anybody from taking it")
  func askingDoesNotTake() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("lock")
    try Data().write(to: URL(filePath: path))
    let asking = Thread {
      while !Thread.current.isCancelled {
        _ = WriterLock.isHeld(at: path)
        usleep(100)
      }
    }
    asking.start()
    defer { asking.cancel() }
    for _ in 0..<100 { _ = try WriterLock(at: path, holder: "a") }
  }

  private static let flock = ["/usr/bin/flock", "/bin/flock"].first(
    where: FileManager.default.isExecutableFile(atPath:))

  @Test(
    "Another process holds it until it ends, however it ends", .enabled(if: flock != nil),
    arguments: [false, true])
  func anotherProcess(isKilled: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("lock")
    try Data("anabranch import, process 7".utf8).write(to: URL(filePath: path))
    let (holder, input, output) = (Process(), Pipe(), Pipe())
    holder.executableURL = URL(filePath: try #require(Self.flock))
    // `--close`: the lock is that process's own, and not its child's.
    holder.arguments = ["--close", path, "/bin/sh", "-c", "echo ready; read line"]
    holder.standardInput = input
    holder.standardOutput = output
    try holder.run()
    #expect(output.fileHandleForReading.availableData == Data("ready\n".utf8))

    #expect(WriterLock.isHeld(at: path))
    let error = #expect(throws: StoreError.self) { try WriterLock(at: path, holder: "us") }
    #expect(error?.code == .locked && error?.message.contains("anabranch import, process 7") == true)

    if isKilled { kill(holder.processIdentifier, SIGKILL) }
    try input.fileHandleForWriting.close()
    holder.waitUntilExit()
    let lock = try WriterLock(at: path, holder: "us")
    // And the other way round.
    let refused = try Process.run(
      URL(filePath: try #require(Self.flock)), arguments: ["--nonblock", path, "true"])
    refused.waitUntilExit()
    #expect(refused.terminationStatus != 0)
    withExtendedLifetime(lock) {}
  }

  @Test("A child of this process does not keep it")
  func children() throws {
    let folder = try TemporaryFolder()
    let (child, input) = (Process(), Pipe())
    do {
      let lock = try WriterLock(at: folder.file("lock"), holder: "us")
      child.executableURL = URL(filePath: "/bin/cat")
      child.standardInput = input
      try child.run()
      withExtendedLifetime(lock) {}
    }
    #expect(child.isRunning)
    #expect(!WriterLock.isHeld(at: folder.file("lock")))
    try input.fileHandleForWriting.close()
    child.waitUntilExit()
  }
}
