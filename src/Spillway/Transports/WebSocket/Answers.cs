using System.Buffers;
using System.Text.Json;
using Spillway.Problems;

namespace Spillway.Transports.WebSocket;

/// <summary>What the hub says to a client in answer, as whole frames.</summary>
internal static class Answers
{
    public static byte[] Reply(string? reference, string? cursor, Problem? problem)
    {
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body, ProblemWriter.Legible))
        {
            json.WriteStartObject();
            json.WritePropertyName("reply"u8);
            json.WriteRawValue(reference ?? "null", skipInputValidation: true);
            if (cursor is not null)
            {
                json.WriteString("cursor"u8, cursor);
            }

            if (problem is not null)
            {
                json.WritePropertyName("problem"u8);
                ProblemWriter.Write(problem, json);
            }

            json.WriteEndObject();
        }

        return Frame(Opcode.Text, body.WrittenSpan);
    }

    public static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> payload)
    {
        var output = new ArrayBufferWriter<byte>(payload.Length + 10);
        Frames.Write(opcode, payload, output);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Close(CloseCode code, string reason)
    {
        var output = new ArrayBufferWriter<byte>(2 + Frames.MaxControl);
        Frames.WriteClose(code, reason, output);
        return output.WrittenSpan.ToArray();
    }
}
