using System.Net;
using Spillway.Access;

namespace Spillway.Tests.Access;

public sealed class LoopbackHostTests
{
    [Theory]
    [InlineData("localhost", null)]
    [InlineData("LocalHost:8080", 8080)]
    [InlineData("hub.localhost:1", 1)]
    [InlineData("a-1.b_2.LOCALHOST", null)]
    [InlineData("127.0.0.1", null)]
    [InlineData("127.0.0.1:65535", 65535)]
    [InlineData("127.255.0.99:80", 80)]
    [InlineData("[::1]", null)]
    [InlineData("[::1]:8080", 8080)]
    [InlineData("[0:0:0:0:0:0:0:1]:8080", 8080)]
    [InlineData("[::ffff:127.0.0.1]:8080", 8080)]
    public void TryParse_NameOfThisMachine_IsTaken(string authority, int? expected)
    {
        Assert.True(LoopbackHost.TryParse(authority, out var port));
        Assert.Equal(expected, port);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":8080")]
    [InlineData("example.com")]
    [InlineData("example.com:8080")]
    [InlineData("192.168.0.1")]
    [InlineData("10.0.0.1:8080")]
    [InlineData("128.0.0.1")]
    [InlineData("0.0.0.0:8080")] // Leads here on many systems, and browsers have let pages of others use it.
    [InlineData("[::]:8080")]
    [InlineData("[::2]")]
    [InlineData("[fe80::1]")]
    [InlineData("[::ffff:10.0.0.1]")]
    public void TryParse_OtherHost_IsRefused(string authority)
    {
        Assert.False(LoopbackHost.TryParse(authority, out _));
    }

    [Theory]
    [InlineData("localhost.example.com")]
    [InlineData("localhost.example.com:8080")]
    [InlineData("127.0.0.1.example.com")]
    [InlineData("127.0.0.1.nip.io:8080")]
    [InlineData("examplelocalhost")]
    [InlineData("localhost-example.com")]
    [InlineData("localhost@example.com")]
    [InlineData("example.com@localhost")]
    [InlineData("example.com#localhost")]
    [InlineData("example.com/.localhost")]
    [InlineData("example.com:80.localhost")]
    [InlineData("localhost,example.com")]
    [InlineData("example.com, localhost")]
    [InlineData("example.com .localhost")]
    [InlineData("exämple.localhost")]
    public void TryParse_NameThatOnlyLooksLocal_IsRefused(string authority)
    {
        Assert.False(LoopbackHost.TryParse(authority, out _));
    }

    [Theory]
    [InlineData("localhost.")]
    [InlineData(".localhost")]
    [InlineData("a..localhost")]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.256")]
    [InlineData("127.0.0.1.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("127.0.0.+1")]
    [InlineData("127.0.0.١")]
    [InlineData("::1")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[::1%1]")]
    [InlineData("[::1%25lo]:80")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[localhost]")]
    [InlineData("[::1]8080")]
    [InlineData("localhost:")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:+80")]
    [InlineData("localhost:80 ")]
    [InlineData("localhost:80:80")]
    [InlineData("localhost:000080")]
    [InlineData("localhost:٨٠")]
    [InlineData(" localhost")]
    [InlineData("localhost\t")]
    public void TryParse_OddSpelling_IsRefused(string authority)
    {
        Assert.False(LoopbackHost.TryParse(authority, out _));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.9.9.9", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.2", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    public void IsLoopback_Address_IsJudgedByWhatItStandsFor(string address, bool expected)
    {
        Assert.Equal(expected, LoopbackHost.IsLoopback(IPAddress.Parse(address)));
    }
}
