@balancer
Feature: Clients stay with their server

  Scenario: PRISM-SES-01 clients come again in another order
    Given the service 10.1.0.201:80 to s1, s2, s3
    And a client stays with its server for 3000 ms
    When clients 1, 2, 3, 4, 5, 6 get "GET /a/100", one every 100 ms from 0 ms on
    And clients 6, 5, 4, 3, 2, 1 get "GET /b/100", one every 100 ms from 1500 ms on
    And clients 1, 4, 2, 6, 3, 5 get "GET /c/100", one every 100 ms from 3700 ms on
    Then each client that comes before 10000 ms has one server

  Scenario: PRISM-SES-01 clients come again when they have been forgotten
    Given the service 10.1.0.201:80 to s1, s2, s3
    And a client stays with its server for 2000 ms
    When clients 1, 2, 3, 4, 5, 6 get "GET /a/100", one every 100 ms from 0 ms on
    And clients 6, 5, 4, 3, 2, 1 get "GET /b/100", one every 100 ms from 6000 ms on
    Then not every client that comes after 6000 ms has the server that it had before
