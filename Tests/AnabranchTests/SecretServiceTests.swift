#if os(Linux)
  import Foundation
  import Testing

  @testable import Anabranch

  /// A keyring behind another program, which may do anything.
  @Suite struct SecretServiceTests {
    /// A keyring of which the shell's words `script` are the program.
    private func keyring(_ script: String, in folder: String, patience: Duration = .seconds(20)) throws -> SecretService
    {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = folder + "/secret-tool"
      try Data("#!/bin/sh\ncd '\(folder)'\n\(script)\n".utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
      return SecretService(program: path, environment: ["PATH": "/usr/bin:/bin"], patience: patience)
    }

    @Test func whatIsWrittenIsReadAndDeleted() async throws {
      try await withHomes(1) { homes in
        let keyring = try keyring(
          """
          echo "$@" >> asked
          case $1 in
            store) cat > kept ;;
            lookup) [ -e kept ] && cat kept ;;
            clear) rm kept 2>/dev/null ;;
          esac
          """, in: homes[0].path)
        let secret = (0..<32).map { UInt8($0 * 8) }
        #expect(try keyring.read("abc") == nil)
        try keyring.delete("abc")
        try keyring.write(secret, as: "abc")
        #expect(try keyring.read("abc") == secret)
        try keyring.delete("abc")
        #expect(try keyring.read("abc") == nil)
        let asked = try String(contentsOfFile: homes[0].path + "/asked", encoding: .utf8)
        #expect(asked.contains("store --label=Anabranch: the key of this device application anabranch device abc\n"))
        #expect(!asked.contains("0008"))
      }
    }

    @Test func nobodyWaitsForEver() async throws {
      try await withHomes(1) { homes in
        let start = ContinuousClock.now
        let slow = try keyring("echo $$ > number; exec sleep 300", in: homes[0].path, patience: .milliseconds(400))
        await expectFailure(.noKeyring) { _ = try slow.read("abc") }
        let number = try #require(pid_t(String(contentsOfFile: homes[0].path + "/number", encoding: .utf8).dropLast()))
        #expect(kill(number, 0) == -1, "it is gone, and nobody waits for its status")
        // Who has gone has answered, whatever it left running with its streams.
        let leaving = try keyring("sleep 5 & printf 0a0b", in: homes[0].path)
        #expect(try leaving.read("abc") == [10, 11])
        #expect(start.duration(to: .now) < .seconds(4))
      }
    }

    @Test(arguments: ["printf 0", "printf 0g", "echo; echo 00", "printf '\\377'"])
    func whatIsNoSecretIsCalledDamaged(script: String) async throws {
      try await withHomes(1) { homes in
        let keyring = try keyring(script, in: homes[0].path)
        await expectFailure(.damaged) { _ = try keyring.read("abc") }
      }
    }

    @Test(arguments: ["echo no >&2; exit 1", "exit 2", "kill -9 $$", "head -c 9999 /dev/zero", "yes >&2"])
    func whatFailsIsCalledSo(script: String) async throws {
      try await withHomes(1) { homes in
        let keyring = try keyring(script, in: homes[0].path)
        await expectFailure(.noKeyring) { _ = try keyring.read("abc") }
        await expectFailure(.noKeyring) { try keyring.write([1, 2, 3], as: "abc") }
        await expectFailure(.noKeyring) { try keyring.delete("abc") }
      }
    }

    @Test func whatCannotBeRunIsCalledSo() async throws {
      let keyring = SecretService(program: "/nowhere/secret-tool", environment: [:])
      await expectFailure(.noKeyring) { _ = try keyring.read("abc") }
    }

    /// What this process has open is nobody else's.
    @Test func itInheritsNothing() async throws {
      try await withHomes(1) { homes in
        let keyring = try keyring(
          "ls /proc/self/fd | wc -l > open; grep -E 'SigIgn' /proc/self/status > ignored; printf 00", in: homes[0].path)
        signal(SIGPIPE, SIG_IGN)
        let inherited = (0..<1_024).count { fcntl($0, F_GETFD) >= 0 && fcntl($0, F_GETFD) & FD_CLOEXEC == 0 }
        #expect(try keyring.read("abc") == [0])
        // What everybody inherits, with the streams replaced, and the folder that `ls` reads.
        let open = try String(contentsOfFile: homes[0].path + "/open", encoding: .utf8)
        #expect(Int(open.trimmingCharacters(in: .whitespacesAndNewlines)) == inherited + 1)
        let ignored = try String(contentsOfFile: homes[0].path + "/ignored", encoding: .utf8)
        let signals = try #require(UInt64(ignored.split(whereSeparator: \.isWhitespace)[1], radix: 16))
        #expect(signals & (1 << UInt64(SIGPIPE - 1)) == 0)
      }
    }
  }
#endif
