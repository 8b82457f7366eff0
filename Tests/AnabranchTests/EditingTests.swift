import Anabranch
import Foundation
import Testing

@Suite struct EditingTests {
  @Test func editsOfTwoDevicesMerge() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let chat = try await laptop.newConversation("Trip")
      let message = try await laptop.say("We stay in Alfama for three nights.", in: chat)
      try await merge(laptop, phone)

      let words = "We stay in Alfama for three nights."
      #expect(try await laptop.rewrite(.body, of: message, from: words, to: "We stay in Alfama for four nights."))
      #expect(try await phone.rewrite(.body, of: message, from: words, to: "We all stay in Alfama for three nights."))
      #expect(try await !laptop.rewrite(.body, of: message, from: "same", to: "same"))
      try await merge(laptop, phone)
      for replica in [laptop, phone] {
        let read = try await replica.message(message).message
        #expect(read.text == "We all stay in Alfama for four nights." && read.isEdited)
        #expect(try await replica.verify().faults == [])
      }
      #expect(try await laptop.status().stateHash == phone.status().stateHash)
      try await laptop.close()
      try await phone.close()
    }
  }

  @Test func aTypistGoesOnFromWhatStandsOnTheScreen() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let chat = try await laptop.newConversation("Trip")
      try await merge(laptop, phone)
      var version = try await laptop.text(.notes, of: chat).version
      var typed = ""
      for letter in "Book a 🚂 to Porto" {
        var edits = TextEdits()
        edits.insert(String(letter), at: typed.unicodeScalars.count)
        version = try await laptop.edit(edits, of: .notes, in: chat, seen: version)
        typed.append(letter)
        // Halfway, something comes that the typist does not look at.
        guard typed == "Book a" else { continue }
        try await phone.rewrite(.notes, of: chat, from: "", to: "Pack. ")
        try await merge(laptop, phone)
      }
      try await merge(laptop, phone)
      let notes = try await laptop.conversation(chat).notes
      #expect(["Pack. Book a 🚂 to Porto", "Book a 🚂 to PortoPack. "].contains(notes))
      #expect(try await phone.conversation(chat).notes == notes)
      try await laptop.close()
      try await phone.close()
    }
  }

  @Test func whatIsTypedIsDurableAtOnceAndBecomesOneChange() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("Trip")
      let before = try await replica.status().vector.changes
      var version = try await replica.text(.draft, of: chat).version
      for (place, letter) in "Shall we?".enumerated() {
        var edits = TextEdits()
        edits.insert(String(letter), at: place)
        if letter == "?" { edits.delete(0..<1) }
        version = try await replica.edit(edits, of: .draft, in: chat, seen: version)
      }
      #expect(try await replica.status().vector.changes == before)
      let reader = try await Replica.read(at: homes[0])
      #expect(try await reader.conversation(chat).draft == "hall we?")
      try await reader.close()
      try await replica.close()
      let again = try await Replica.open(at: homes[0])
      #expect(try await again.status().vector.changes == before + 1)
      #expect(try await again.conversation(chat).draft == "hall we?")
      try await again.close()
    }
  }

  @Test func aDraftBecomesAMessage() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("Trip")
      try await replica.rewrite(.draft, of: chat, from: "", to: "Shall we?")
      let message = try await replica.sayDraft(in: chat)
      #expect(try await replica.message(message).message.text == "Shall we?")
      #expect(try await replica.conversation(chat).draft == "")
      await #expect(throws: AnabranchError.self) { try await replica.sayDraft(in: chat) }
      #expect(try await replica.messages(of: chat).count == 1)
      try await replica.close()
    }
  }

  @Test func aLongTextTakesSeveralChanges() async throws {
    try await withHomes(2) { homes in
      let laptop = try await Replica.create(at: homes[0], name: "Laptop")
      let phone = try await Replica.create(at: homes[1], name: "Phone")
      let chat = try await laptop.newConversation("Trip")
      let long = String(repeating: "東京 and plain words. ", count: 20_000)
      try await laptop.rewrite(.notes, of: chat, from: "", to: long)
      try await merge(laptop, phone)
      #expect(try await phone.conversation(chat).notes == long)
      try await laptop.close()
      try await phone.close()
    }
  }

  @Test func whatIsNotThereIsNotEdited() async throws {
    try await withHomes(1) { homes in
      let replica = try await Replica.create(at: homes[0], name: "Laptop")
      let chat = try await replica.newConversation("Trip")
      let none = ObjectID.imported(Bytes16(high: 7, low: 7))
      for (text, object) in [(TextKind.body, none), (.body, chat), (.notes, none)] {
        await #expect(throws: AnabranchError.self) { try await replica.text(text, of: object) }
        let edits = TextEdits(from: "", to: "x")
        await #expect(throws: AnabranchError.self) { try await replica.edit(edits, of: text, in: object, seen: []) }
        await #expect(throws: AnabranchError.self) { try await replica.rewrite(text, of: object, from: "", to: "x") }
      }
      #expect(try await replica.verify().faults == [])
      try await replica.close()
    }
  }

  private func merge(_ a: Replica, _ b: Replica) async throws {
    try await syncAll(a, b)
  }
}
