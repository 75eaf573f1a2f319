using Failover.Node.Http;

namespace Failover.Node.Tests.Http;

public sealed class RouteTableTests
{
    private readonly RouteTable _routes = new();

    public RouteTableTests()
    {
        foreach (var path in (string[])["/", "/state", "/api/system/status", "/voters", "/voters/"])
            _routes.Add("GET", path, _ => Task.CompletedTask);
        _routes.Add("DELETE", "/voters/", _ => Task.CompletedTask);
    }

    [Theory]
    [InlineData("/", "/", "")]
    [InlineData("/state", "/state", "")]
    [InlineData("/STATE/", "/state", "")]
    [InlineData("/api/system/status", "/api/system/status", "")]
    [InlineData("/voters", "/voters", "")]
    [InlineData("/voters/", "/voters", "")]
    [InlineData("/voters/app1", "/voters/", "app1")]
    [InlineData("/Voters/App1/", "/voters/", "App1")]
    public void A_path_has_its_place(string path, string place, string name)
    {
        Assert.Equal(place, _routes.Find(path, out var found)?.Path);
        Assert.Equal(name, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("//")]
    [InlineData("/nothing")]
    [InlineData("/state/app1")]
    [InlineData("//state")]
    [InlineData("/state//")]
    [InlineData("/voters//")]
    [InlineData("/voters/app1/more")]
    [InlineData("/api/system")]
    public void Another_path_has_none(string path) => Assert.Null(_routes.Find(path, out _));

    [Fact]
    public void A_place_knows_its_methods()
    {
        var place = _routes.Find("/voters/app1", out _)!;

        Assert.Equal("GET, DELETE", place.Allow);
        Assert.NotNull(place.AnswerTo("delete"));
        Assert.Null(place.AnswerTo("PUT"));
    }
}
