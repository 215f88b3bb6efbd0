using System.Text;
using System.Text.Json;
using Spillway.Events;
using Spillway.Ingress;
using Spillway.Problems;

namespace Spillway.Tests.Ingress;

public sealed class EventJsonReaderTests
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void TryReadEvent_EveryMember_IsRead()
    {
        var (source, problem) = Read($$"""
            {"topic":"a/b","alternates":["c","d"],"type":"alert","payload":{"x":1},"contentType":"application/vnd.x+json","key":"k","priority":"critical",
             "ttl":1.5,"private":true,"final":true,"id":"i-1","traceparent":"{{Trace}}"}
            """);

        Assert.Null(problem);
        Assert.Equal(
            ("a/b", "c,d", "alert", "{\"x\":1}", "application/vnd.x+json", "k", EventPriority.Critical, TimeSpan.FromSeconds(1.5), true, true, "i-1", Trace),
            (source!.Topic, string.Join(',', source.Alternates), source.Type, Encoding.UTF8.GetString(source.Payload.Span), source.ContentType, source.Key, source.Priority, source.Ttl, source.Private, source.Final, source.Id, source.TraceParent));
    }

    [Fact]
    public void TryReadEvent_OnlyATopic_IsAnEventWithoutAnything()
    {
        var (source, _) = Read("""{"topic":"a"}""");

        Assert.Equal((0, 0, null, null, null, null), (source!.Alternates.Count, source.Payload.Length, source.Type, source.ContentType, source.Key, source.Priority));
        Assert.Equal((null, false, false, null, null), (source.Ttl, source.Private, source.Final, source.Id, source.TraceParent));
    }

    [Theory]
    [InlineData("""{"topic":"a","payload":"text"}""", "text", "text/plain; charset=utf-8")]
    [InlineData("""{"_cursor":"1-a","topic":"a","_":{"topic":["b"]},"payload":"text","_own":1}""", "text", "text/plain; charset=utf-8")]
    [InlineData("""{"topic":"a","payload":""}""", "", "text/plain; charset=utf-8")]
    [InlineData("""{"topic":"a","payload":"a\"\u00e9\n\ud83d\ude00"}""", "a\"é\n😀", "text/plain; charset=utf-8")]
    [InlineData("""{"topic":"a","payload":"<p>","contentType":"text/html"}""", "<p>", "text/html")]
    [InlineData("""{"topic":"a","contentType":"text/html","payload":"<p>"}""", "<p>", "text/html")]
    [InlineData("""{"topic":"a","payload":"text","contentType":""}""", "text", "text/plain; charset=utf-8")]
    [InlineData("""{"topic":"a","payload":"a\"b","contentType":"application/json"}""", "\"a\\\"b\"", "application/json")]
    [InlineData("""{"topic":"a","payload":"x","contentType":"Application/LD+JSON ; charset=utf-8"}""", "\"x\"", "Application/LD+JSON ; charset=utf-8")]
    [InlineData("""{"topic":"a","payload":"x","contentType":"text/x; a=application/json"}""", "x", "text/x; a=application/json")]
    [InlineData("""{"topic":"a","payload": 1.50e2 }""", "1.50e2", "application/json")]
    [InlineData("""{"topic":"a","payload":null}""", "null", "application/json")]
    [InlineData("""{"topic":"a","payload":true}""", "true", "application/json")]
    [InlineData("""{"topic":"a","payload":{ "b" : [1, "\ud800"] }}""", """{ "b" : [1, "\ud800"] }""", "application/json")]
    [InlineData("""{"topic":"a","payload":[],"contentType":"text/plain"}""", "[]", "text/plain")]
    [InlineData("""{"topic":"a","payloadBase64":"aGk="}""", "hi", "application/octet-stream")]
    [InlineData("""{"topic":"a","payloadBase64":"aG\u006b="}""", "hi", "application/octet-stream")]
    [InlineData("""{"topic":"a","payloadBase64":"","contentType":"image/png"}""", "", "image/png")]
    [InlineData("""{"topic":"a","payloadBase64":"aGk=","contentType":"application/json"}""", "hi", "application/json")]
    public void TryReadEvent_AnyPayload_IsTheBytesThatTheProtocolSays(string json, string payload, string contentType)
    {
        var (source, problem) = Read(json);

        Assert.Null(problem);
        Assert.Equal((payload, contentType), (Encoding.UTF8.GetString(source!.Payload.Span), source.ContentType));
    }

    [Theory]
    [InlineData("""{"topic":"a","ttl":"1.5h"}""", 5_400_000)]
    [InlineData("""{"topic":"a","ttl":"90"}""", 90_000)]
    [InlineData("""{"topic":"a","ttl":"1ms"}""", 1)]
    [InlineData("""{"topic":"a","ttl":0.001}""", 1)]
    [InlineData("""{"topic":"a","ttl":31536000}""", 31_536_000_000)]
    public void TryReadEvent_Ttl_IsSecondsOrADuration(string json, long milliseconds)
    {
        var (source, _) = Read(json);

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), source!.Ttl);
    }

    [Theory]
    [InlineData("""[]""", "event", "[")]
    [InlineData("""1""", "event", "1")]
    [InlineData("""null""", "event", "null")]
    [InlineData("""{}""", "topic", null)]
    [InlineData("""{"payload":1}""", "topic", null)]
    [InlineData("""{"topic":1}""", "topic", "1")]
    [InlineData("""{"topic":null}""", "topic", "null")]
    [InlineData("""{"topic":"\ud800"}""", "topic", null)]
    [InlineData("""{"topic":"a","topic":"a"}""", "topic", null)]
    [InlineData("""{"topic":"a","ttI":1}""", "ttI", null)]
    [InlineData("""{"Topic":"a"}""", "Topic", null)]
    [InlineData("""{"\ud800":1}""", "event", null)]
    [InlineData("""{"topic":"a","alternates":"b"}""", "alternates", "\"b\"")]
    [InlineData("""{"topic":"a","alternates":["b",1]}""", "alternates[1]", "1")]
    [InlineData("""{"topic":"a","alternates":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16"]}""", "alternates", null)]
    [InlineData("""{"topic":"a","type":null}""", "type", "null")]
    [InlineData("""{"topic":"a","contentType":{}}""", "contentType", "{")]
    [InlineData("""{"topic":"a","key":1}""", "key", "1")]
    [InlineData("""{"topic":"a","priority":"high"}""", "priority", "high")]
    [InlineData("""{"topic":"a","priority":1}""", "priority", "1")]
    [InlineData("""{"topic":"a","ttl":0}""", "ttl", "0")]
    [InlineData("""{"topic":"a","ttl":-1}""", "ttl", "-1")]
    [InlineData("""{"topic":"a","ttl":1e300}""", "ttl", "1e300")]
    [InlineData("""{"topic":"a","ttl":"NaN"}""", "ttl", "NaN")]
    [InlineData("""{"topic":"a","ttl":"soon"}""", "ttl", "soon")]
    [InlineData("""{"topic":"a","ttl":true}""", "ttl", "true")]
    [InlineData("""{"topic":"a","private":"true"}""", "private", "\"true\"")]
    [InlineData("""{"topic":"a","final":1}""", "final", "1")]
    [InlineData("""{"topic":"a","id":1}""", "id", "1")]
    [InlineData("""{"topic":"a","traceparent":1}""", "traceparent", "1")]
    [InlineData("""{"topic":"a","payload":"\ud800"}""", "payload", null)]
    [InlineData("""{"topic":"a","payload":1,"payloadBase64":""}""", "payloadBase64", null)]
    [InlineData("""{"topic":"a","payloadBase64":"","payload":1}""", "payload", null)]
    [InlineData("""{"topic":"a","payloadBase64":1}""", "payloadBase64", "1")]
    [InlineData("""{"topic":"a","payloadBase64":"aGk"}""", "payloadBase64", "\"aGk\"")]
    [InlineData("""{"topic":"a","payloadBase64":"aG k="}""", "payloadBase64", "\"aG k=\"")]
    [InlineData("""{"topic":"a","payloadBase64":"aG-_"}""", "payloadBase64", "\"aG-_\"")]
    public void TryReadEvent_BadMember_NamesFieldAndValue(string json, string field, string? value)
    {
        var (source, problem) = Read(json);

        Assert.Null(source);
        Assert.Equal((400, "invalid-event", field, value), (problem!.Status, problem.Name, problem.Field, problem.Value));
    }

    [Fact]
    public void TryReadEvent_CutAnywhere_IsNotJson()
    {
        var whole = """{"topic":"a","alternates":["b"],"payload":{"x":[1,"é"]},"ttl":1.5,"private":true,"payloadBase64X":"aGk="}"""u8.ToArray();

        for (var length = 0; length < whole.Length; length++)
        {
            var part = whole.AsMemory(0, length);

            Assert.True(Throws(part), $"The first {length} bytes.");
        }

        static bool Throws(ReadOnlyMemory<byte> part)
        {
            try
            {
                var reader = new EventJsonReader(part);
                reader.Read();
                return !reader.TryReadEvent(null, null, out _, out var problem) && problem.Field == "payloadBase64X";
            }
            catch (JsonException)
            {
                return true;
            }
        }
    }

    [Fact]
    public void TryReadEvent_IdAndTraceOfTheRequest_AreForEventsWithoutTheirOwn()
    {
        var (own, _) = Read($$"""{"topic":"a","id":"own","traceparent":"broken"}""", "request", Trace);
        var (none, _) = Read("""{"topic":"a"}""", "request", Trace);

        Assert.Equal(("own", "broken"), (own!.Id, own.TraceParent));
        Assert.Equal(("request", Trace), (none!.Id, none.TraceParent));
    }

    private static (PushEvent? Source, Problem? Problem) Read(string json, string? id = null, string? traceParent = null)
    {
        var reader = new EventJsonReader(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return reader.TryReadEvent(id, traceParent, out var source, out var problem) && !reader.Read() ? (source, null) : (null, problem);
    }
}
